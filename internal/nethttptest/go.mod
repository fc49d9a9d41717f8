module github.com/outguard/outguard/internal/nethttptest

go 1.26

require github.com/outguard/outguard v0.0.0

require go.yaml.in/yaml/v3 v3.0.2 // indirect

replace github.com/outguard/outguard => ../..
