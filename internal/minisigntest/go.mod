module github.com/outguard/outguard/internal/minisigntest

go 1.25.0

replace github.com/outguard/outguard => ../..

require (
	aead.dev/minisign v0.3.0
	github.com/outguard/outguard v0.0.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/gobwas/glob v0.2.3 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/crypto v0.13.0 // indirect
	golang.org/x/sys v0.12.0 // indirect
)
