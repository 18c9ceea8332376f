// Yingda answers customers' questions from a guide. Package cli has its commands.
package main

import (
	_ "time/tzdata" // the names of zones, on machines that have none

	"github.com/yingda/yingda/cmd/yingda/cli"
	"github.com/yingda/yingda/node"
)

func main() { cli.Main(node.OpenStore) }
