package chat_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/yingda/yingda/chat"
)

// TestEnclosure: what agents read of what came.
func TestEnclosure(t *testing.T) {
	for _, tt := range []struct {
		in   chat.Enclosure
		want string
	}{
		{chat.Enclosure{Label: "[语音]", Seconds: 12, Size: 1}, "[语音] 12秒（1 KB）"},
		{chat.Enclosure{Label: "[文件]", Name: " 对账\n单.pdf ", Type: "application/pdf", Size: 1 << 20}, "[文件] 对账 单.pdf（1.0 MB）"},
		{chat.Enclosure{Label: "[文件]", Name: "a", Size: 1<<20 - 1}, "[文件] a（1024 KB）"},
		{chat.Enclosure{Label: "[名片]", Name: "老李", Contact: "138****8000"}, "[名片] 老李 138****8000"},
		{
			chat.Enclosure{Label: "[位置]", Name: "五一广场", Point: &chat.Point{Latitude: 28.1940899, Longitude: 112.98, Datum: chat.WGS84}},
			"[位置] 五一广场 28.19409,112.98 https://uri.amap.com/marker?position=112.98,28.19409&coordinate=wgs84",
		},
		{
			chat.Enclosure{Label: "[位置]", Point: &chat.Point{Latitude: -1, Longitude: 100, Datum: chat.GCJ02}},
			"[位置] -1,100 https://uri.amap.com/marker?position=100,-1&coordinate=gaode",
		},
		{chat.Enclosure{Label: "[图片未能取回]", Lost: "图片太大"}, "[图片未能取回] 图片太大"},
	} {
		if got := tt.in.String(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

// unfit is an error that says how to mend it.
type unfit struct{}

func (unfit) Error() string { return "unfit" }
func (unfit) Text() string  { return "请截个屏再发。" }

// TestLostPicture: agents read why a picture could not be had, and never a secret.
func TestLostPicture(t *testing.T) {
	for _, tt := range []struct {
		in   error
		want string
	}{
		{fmt.Errorf("keep a picture: %w", unfit{}), "请截个屏再发。"},
		{&chat.SendError{State: chat.SendingDead, Reason: "微信不认这张图片"}, "微信不认这张图片"},
		{context.DeadlineExceeded, "对方一直没有答复"},
		{errors.New("token=机密"), "取图片出错（"},
	} {
		got := chat.LostPicture(tt.in)
		if !strings.HasPrefix(got.Lost, tt.want) || strings.Contains(got.Lost, "机密") || got.Medium != chat.Picture || got.Label != "[图片未能取回]" {
			t.Errorf("%v: %+v", tt.in, got)
		}
	}
}
