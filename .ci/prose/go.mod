module github.com/outguard/outguard/.ci/prose

go 1.25.0
