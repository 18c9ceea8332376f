package main

import "slices"

// pushed tells the channels whose customers are sent what is said to them. Those of others come and read.
func pushed(channel string) bool {
	return slices.Contains([]string{"telegram", "wechat", "wechat-kf"}, channel)
}
