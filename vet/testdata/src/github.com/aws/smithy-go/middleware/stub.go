package middleware

type Stack struct{}
