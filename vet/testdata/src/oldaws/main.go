package main // want `once this module requires Outguard, these AWS clients fail on every call, because they are older than aws-sdk-go-v2 v1.24.0: sqs v1.19.1; update them: go get`

func main() {}
