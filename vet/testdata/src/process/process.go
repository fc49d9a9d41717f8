package process

import (
	"context"
	"net"
	"os"
	"os/exec"
	"syscall"
)

func bare(ctx context.Context) {
	_ = exec.Command("curl")                                         // want `exec.Command: a child process is not guarded`
	_ = exec.CommandContext(ctx, "curl")                             // want `exec.CommandContext: a child process is not guarded`
	_, _ = os.StartProcess("curl", nil, nil)                         // want `os.StartProcess: a child process is not guarded`
	_ = syscall.Connect(3, nil)                                      // want `syscall.Connect: a raw socket is not guarded`
	_, _ = net.Dial("tcp", "example.com:25")                         // want `net.Dial dials past the guard: httpguard.DialContext\(g, nil\) in its place`
	_, _ = (&net.Dialer{}).DialContext(ctx, "tcp", "example.com:25") // want `dials past the guard`
}

func accepted() {
	_ = exec.Command("git") //outguard:ok reads a local repository

	//outguard:ok reads a local repository
	_ = exec.Command("git")
	_ = exec.Command(
		"git",
		"log",
	) //outguard:ok reads a local repository

	_ = exec.Command("git") // want `a child process`
	_ = exec.Command("git") //outguard:ok // want `a child process` `accepts nothing without a reason`
	_ = exec.Command("git") //outguard:okay is another word // want `a child process`
}
