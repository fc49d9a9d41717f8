package toolexec

import "embed"

// A target is a package that is changed when it is compiled.
// Its files come from the build itself, so that any patch release of Go is accepted that has the
// points.
type target struct {
	pkg    string
	added  string     // the file that is added to it, in folder added
	needs  []string   // names that the added file uses, declared at the top level of the package
	points []function // where a call is inserted
}

// A function is a chokepoint: calls of one kind all pass through it.
type function struct {
	// signature as Go writes it, without the names of receiver, parameters and results.
	signature string
	// insert is put right behind the opening brace. $0 stands for the receiver's name, $1 for the
	// first parameter's.
	insert string
	// mayLack is why older versions of the package may do without the function; "": they may not.
	mayLack string
}

// hooksPackage is where the inserted calls end up.
const hooksPackage = "github.com/outguard/outguard/internal/buildhooks"

// targets is the table of all chokepoints.
// The order does not matter: each package is compiled by itself.
var targets = []target{
	// All requests of net/http pass these two, whatever client or transport makes them.
	{pkg: "net/http", added: "http.go.txt", points: []function{
		{signature: "func (*Transport) roundTrip(*Request) (*Response, error)",
			insert: "if resp, err, done := outguardRoundTrip($0, $1); done { return resp, err }"},
		{signature: "func (*ClientConn) RoundTrip(*Request) (*Response, error)",
			insert: "if resp, err, done := outguardOnConn($0, $1); done { return resp, err }"},
	}},
	// HTTP/2 of golang.org/x/net does not pass net/http's transport.
	{pkg: "golang.org/x/net/http2", added: "http2.go.txt", points: []function{
		{signature: "func (*Transport) RoundTripOpt(*http.Request, RoundTripOpt) (*http.Response, error)",
			insert: "if resp, err, done := outguardRoundTrip(outguardTransport{$0, $2}, $1); done { return resp, err }"},
		{signature: "func (*ClientConn) RoundTrip(*http.Request) (*http.Response, error)",
			insert: "if resp, err, done := outguardRoundTrip($0, $1); done { return resp, err }"},
	}},
	// The SDK for Go v2 builds every operation's stack of middleware here, also that of services
	// which are generated later.
	{pkg: "github.com/aws/smithy-go/middleware", added: "smithy.go.txt", points: []function{
		{signature: "func DecorateHandler(Handler, ...Middleware) Handler",
			insert: "if err := outguardDecorate($2); err != nil { return outguardRefuse(err) }"},
	}},
	// Nothing is inserted: the added file has the variable by which package guard and the handler
	// meet.
	{pkg: "github.com/aws/aws-lambda-go/lambdacontext", added: "lambdacontext.go.txt"},
	// The handler is wrapped, so that the guard knows when an invocation begins and ends.
	{pkg: "github.com/aws/aws-lambda-go/lambda", added: "lambda.go.txt", needs: []string{"handlerOptions"}, points: []function{
		{signature: "func StartWithOptions(interface{}, ...Option)",
			insert: "$1 = outguardHandler($1)"},
		{signature: "func StartHandlerFunc(H, ...Option)", // the only start function that does not call StartWithOptions
			insert: "if outguardStarts() { StartWithOptions($1, $2...); return }"},
	}},
	// Dial and connect are judged: what opens a socket without net/http. DNS goes through Go's own
	// resolver, since libc's would not be seen.
	{pkg: "net", added: "net.go.txt", needs: []string{"connectFunc"}, points: []function{
		{signature: "func (*Dialer) DialContext(context.Context, string, string) (Conn, error)",
			insert: "if c, err := outguardDial($1, $2, $3); err != nil { return nil, err } else { $1 = c }"},
		{signature: "func (*netFD) dial(context.Context, sockaddr, sockaddr, func(context.Context, string, string, syscall.RawConn) error) error",
			insert: "if err := outguardConnect($1, $0.net, $3); err != nil { return err }; if $4 != nil { $1 = outguardJudged($1) }"},
		{signature: "func (*Resolver) dial(context.Context, string, string) (Conn, error)",
			insert: "if c, err, done := $0.outguardAsk($1, $2, $3); done { return c, err }"},
		{signature: "func (*Resolver) preferGo() bool",
			insert: "if outguardPreferGo() { return true }"},
		{signature: "func (*Resolver) LookupHost(context.Context, string) ([]string, error)",
			insert: "if addrs, err, done := $0.outguardLookupHost($1, $2); done { return addrs, err }"},
		{signature: "func (*Resolver) lookupIPAddr(context.Context, string, string) ([]IPAddr, error)",
			insert: "if addrs, err, done := $0.outguardLookupIPAddr($1, $2, $3); done { return addrs, err }"},
	}},
	// A process could be started or a datagram sent without package net.
	{pkg: "syscall", added: "syscall.go.txt", needs: []string{"connect"}, points: []function{
		{signature: "func StartProcess(string, []string, *ProcAttr) (int, uintptr, error)",
			insert: "outguardChild($1)"},
		{signature: "func ForkExec(string, []string, *ProcAttr) (int, error)",
			insert: "outguardChild($1)"},
		{signature: "func Exec(string, []string, []string) error",
			insert: "outguardChild($1)"},
		{signature: "func Connect(int, Sockaddr) error",
			insert: "if err := outguardSend($2); err != nil { return err }"},
		{signature: "func Sendto(int, []byte, int, Sockaddr) error",
			insert: "if err := outguardSend($4); err != nil { return err }"},
		{signature: "func sendtoInet4(int, []byte, int, *SockaddrInet4) error",
			insert: "if err := outguardSend($4); err != nil { return err }"},
		{signature: "func sendtoInet6(int, []byte, int, *SockaddrInet6) error",
			insert: "if err := outguardSend($4); err != nil { return err }"},
		{signature: "func SendmsgN(int, []byte, []byte, Sockaddr, int) (int, error)",
			insert: "if err := outguardSend($4); err != nil { return 0, err }"},
		{signature: "func sendmsgNInet4(int, []byte, []byte, *SockaddrInet4, int) (int, error)",
			insert: "if $4 != nil { if err := outguardSend($4); err != nil { return 0, err } }"},
		{signature: "func sendmsgNInet6(int, []byte, []byte, *SockaddrInet6, int) (int, error)",
			insert: "if $4 != nil { if err := outguardSend($4); err != nil { return 0, err } }"},
	}},
	// golang.org/x/sys/unix has system calls of its own, which do not pass package syscall.
	{pkg: "golang.org/x/sys/unix", added: "unix.go.txt", points: []function{
		{signature: "func Connect(int, Sockaddr) error",
			insert: "if err := outguardSend($2); err != nil { return err }"},
		{signature: "func Sendto(int, []byte, int, Sockaddr) error",
			insert: "if err := outguardSend($4); err != nil { return err }"},
		{signature: "func SendmsgN(int, []byte, []byte, Sockaddr, int) (int, error)",
			insert: "if err := outguardSend($4); err != nil { return 0, err }"},
		{signature: "func SendmsgBuffers(int, [][]byte, []byte, Sockaddr, int) (int, error)",
			insert:  "if err := outguardSend($4); err != nil { return 0, err }",
			mayLack: "golang.org/x/sys has it since 2022; without it there is nothing to guard"},
	}},
	// golang.org/x/net/ipv4, ipv6 and what uses them send by system calls of their own.
	{pkg: "golang.org/x/net/internal/socket", added: "socket.go.txt", points: []function{
		{signature: "func (*Conn) sendMsg(*Message, int) error",
			insert: "if err := outguardSend($1.Addr); err != nil { return err }"},
		{signature: "func (*Conn) sendMsgs([]Message, int) (int, error)",
			insert: "for i := range $1 { if err := outguardSend($1[i].Addr); err != nil { return 0, err } }"},
	}},
	// Children of os/exec begin here. They are reported, not refused: their calls are not guarded.
	{pkg: "os", added: "os.go.txt", points: []function{
		{signature: "func StartProcess(string, []string, *ProcAttr) (*Process, error)",
			insert: "outguardStartProcess($1)"},
	}},
	// The runtime initializes packages in the order that initorder.go explains.
	{pkg: "runtime", added: "runtime.go.txt", needs: []string{"runtime_inittasks", "funcpkgpath"}, points: []function{
		{signature: "func doInit([]*initTask)",
			insert: "$1 = outguardOrder($1)"},
	}},
	// The hooks can then report whether they were inserted at all.
	{pkg: hooksPackage, added: "hooks.go.txt", needs: []string{"connect"}, points: []function{
		{signature: "func Inserted() bool",
			insert: "return true"},
	}},
}

// targetOf returns the target with an import path, or nil for a package that stays as it is.
func targetOf(pkg string) *target {
	for i := range targets {
		if targets[i].pkg == pkg {
			return &targets[i]
		}
	}
	return nil
}

// The added files end in .txt, so that no build of this package compiles them.
//
//go:embed added
var addedFiles embed.FS

// sources are this package's own files: the build cache must not mix what one version of them has
// built with what another has.
//
//go:embed *.go
var sources embed.FS
