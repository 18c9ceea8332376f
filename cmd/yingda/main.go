// Yingda answers customers' questions from a guide. Package cli has its commands.
package main

import (
	"github.com/yingda/yingda/cmd/yingda/cli"
	"github.com/yingda/yingda/node"
)

func main() { cli.Main(node.OpenStore) }
