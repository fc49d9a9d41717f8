package ways

// otherWays pass package net by.
var otherWays = map[string]Way{
	"syscall.Connect":                {Plain: built("syscall.Connect")},
	"syscall.Sendto":                 {Plain: built("syscall.Sendto")},
	"syscall.Sendmsg":                {Plain: built("syscall.Sendmsg")},
	"golang.org/x/sys/unix.Connect":  {Plain: built("unix.Connect")},
	"golang.org/x/sys/unix.Sendto":   {Plain: built("unix.Sendto")},
	"golang.org/x/sys/unix.SendmsgN": {Plain: built("unix.SendmsgN")},
}
