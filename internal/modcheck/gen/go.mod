module github.com/outguard/outguard/internal/modcheck/gen

go 1.25.0
