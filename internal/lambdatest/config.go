package lambdatest

import (
	"cmp"
	"encoding/base32"
	"encoding/binary"
	"strconv"
	"time"
)

// A Config says what function to run. Only Path is needed.
type Config struct {
	Path string   // the binary
	Args []string // its arguments

	Name        string        // default: "function"
	Region      string        // default: "eu-west-1"
	Account     string        // 12 digits; it is also inside the access key id, as AWS has it. Default: "111122223333"
	Timeout     time.Duration // of an invocation; default: 3 s, as in Lambda
	InitTimeout time.Duration // until the process asks for its first event; default: 10 s, as in Lambda
	StopTimeout time.Duration // from SIGTERM to SIGKILL; default: 500 ms, as in Lambda
	// Env is added to a Lambda environment's variables, "KEY=value", and wins over them. Nothing of
	// this process's environment is passed on.
	Env []string
	// MaxConcurrency is how many invocations the process takes at once
	// (AWS_LAMBDA_MAX_CONCURRENCY). Default: 1, the variable unset.
	MaxConcurrency int
	Dir            string // working directory; default: this process's
}

// These methods return a field, or its default for the zero value.
func (c *Config) name() string               { return cmp.Or(c.Name, "function") }
func (c *Config) region() string             { return cmp.Or(c.Region, "eu-west-1") }
func (c *Config) account() string            { return cmp.Or(c.Account, "111122223333") }
func (c *Config) timeout() time.Duration     { return cmp.Or(c.Timeout, 3*time.Second) }
func (c *Config) initTimeout() time.Duration { return cmp.Or(c.InitTimeout, 10*time.Second) }
func (c *Config) stopTimeout() time.Duration { return cmp.Or(c.StopTimeout, 500*time.Millisecond) }

// environ is the environment of a function on the provided.al2023 runtime.
func (c *Config) environ(api string) []string {
	// It has what the SDK and Outguard read. The credentials are valid nowhere.
	env := []string{
		"AWS_LAMBDA_RUNTIME_API=" + api,
		"AWS_LAMBDA_FUNCTION_NAME=" + c.name(),
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128",
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/" + c.name(),
		"AWS_LAMBDA_LOG_STREAM_NAME=2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
		"AWS_REGION=" + c.region(),
		"AWS_DEFAULT_REGION=" + c.region(),
		"AWS_ACCESS_KEY_ID=" + AccessKeyID(c.account()),
		"AWS_SECRET_ACCESS_KEY=example-secret-key",
		"AWS_SESSION_TOKEN=example-session-token",
		"_HANDLER=bootstrap",
		"LAMBDA_TASK_ROOT=/var/task",
		"LANG=en_US.UTF-8",
		"TZ=:UTC",
		"PATH=/usr/local/bin:/usr/bin:/bin",
	}
	if c.MaxConcurrency > 1 {
		env = append(env, "AWS_LAMBDA_MAX_CONCURRENCY="+strconv.Itoa(c.MaxConcurrency))
	}
	// os/exec uses the last value of a variable, so Env wins.
	return append(env, c.Env...)
}

// AccessKeyID makes an access key id of a role session in the account, with the account inside it
// as AWS has it: the id is base32 after its four-letter prefix, and bits 7 to 46 of the first six
// bytes are the account's number. If account is not a number, the id has account 0.
func AccessKeyID(account string) string {
	n, _ := strconv.ParseUint(account, 10, 40)
	var b [10]byte
	binary.BigEndian.PutUint64(b[:8], (n<<7|1<<47)<<16)
	return "ASIA" + base32.StdEncoding.EncodeToString(b[:])
}
