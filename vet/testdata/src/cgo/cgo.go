package cgo

/*
static int one(void) { return 1; }
*/
import "C"

func One() int { return int(C.one()) } // want `calls of C code are not guarded`
