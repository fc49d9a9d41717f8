package process

import "os/exec"

func forTests() { _ = exec.Command("curl") }
