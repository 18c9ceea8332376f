package wechat

// What agents read besides the reasons of package host; every string in this file is Chinese.
const reasonNoPictures = "文字送到了，图片没有：公众号没有认证，不能发图"
