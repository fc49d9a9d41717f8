// Command cdk is the CDK app of two functions and the one policy of their calls, which is in a
// layer. Resources are at the level of CloudFormation: the packages of services would take minutes
// to compile.
package main

import (
	"log"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stage, ok := app.Node().TryGetContext(jsii.String("stage")).(string)
	if !ok {
		log.Fatal("which stage? cdk deploy -c stage=dev")
	}
	newShop(app, stage, "build")
	app.Synth(nil)
}
