module github.com/outguard/outguard/internal/awsops/gen

go 1.26.0
