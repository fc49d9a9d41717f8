package cgo

/*
static int one(void) { return 1; }
*/
import "C" // want `calls of C code are not guarded`

func One() int { return int(C.one()) }
