package main

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing/fstest"
)

// guideOf is a guide in memory with those articles.
func guideOf(articles map[string]string) fs.FS {
	files := fstest.MapFS{}
	for id, text := range articles {
		files["guide/"+id+".md"] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// article is an article with nothing but phrasings.
func article(phrasings []string) string {
	asks, err := json.Marshal(phrasings[1:])
	if err != nil {
		panic(err) // strings always marshal
	}
	title, err := json.Marshal(phrasings[0])
	if err != nil {
		panic(err)
	}
	return strings.Join([]string{"---", "title: " + string(title), "category: drawn", "asks: " + string(asks), "---", "", phrasings[0], ""}, "\n")
}
