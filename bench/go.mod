module github.com/outguard/outguard/bench

go 1.26.0

replace github.com/outguard/outguard => ../
