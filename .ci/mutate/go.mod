module github.com/outguard/outguard/.ci/mutate

go 1.25.0
