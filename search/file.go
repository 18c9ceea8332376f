package search

import (
	"strconv"

	"github.com/yingda/yingda/flatfile"
	"github.com/yingda/yingda/kb"
	"github.com/yingda/yingda/search/rank"
	"github.com/yingda/yingda/zh"
)

// Save adds to a file all that was computed from the guide's texts. ix must be alive until the file is written.
func (ix *Index) Save(b *flatfile.Builder) {
	ix.ranker.Save(b)
	ix.speller.Save(b)
	flatfile.Add(b, "exact/hashes", ix.exact.hashes)
	flatfile.Add(b, "exact/docs", ix.exact.docs)
	flatfile.Add(b, "index/shards", []int32{int32(len(ix.engine.postings))})
	for shard, p := range ix.engine.postings {
		name := "index/" + strconv.Itoa(shard) + "/"
		flatfile.Add(b, name+"docs", p.docs)
		for f := range p.fields {
			p.fields[f].save(b, name+field(f).name()+"/")
		}
	}
}

func (fp *fieldPostings) save(b *flatfile.Builder, name string) {
	flatfile.Add(b, name+"list", fp.list)
	flatfile.Add(b, name+"ends", fp.ends)
	flatfile.Add(b, name+"numbers", fp.numbers)
	flatfile.Add(b, name+"saturation", fp.saturation)
}

// Open is the index of lib that Save added to f, made of the same options. It reads f in place.
func Open(lib *kb.Library, f *flatfile.File, opts Options) (*Index, error) {
	ix, o, err := prepare(lib, &opts)
	if err != nil {
		return nil, err
	}
	if ix.ranker, err = rank.Open(o, f); err != nil {
		return nil, err
	}
	ix.speller = zh.OpenSpeller(ix.tables, lib.Lexicon.Polite, f)
	ix.exact = exactPhrasings{flatfile.Slice[uint64](f, "exact/hashes"), flatfile.Slice[int32](f, "exact/docs")}
	var all []*postings
	for _, shards := range flatfile.Slice[int32](f, "index/shards") {
		for shard := range int(shards) {
			all = append(all, openPostings(f, "index/"+strconv.Itoa(shard)+"/"))
		}
	}
	ix.engine, ix.file = newEngine(all), f
	return ix, f.Err()
}

func openPostings(f *flatfile.File, name string) *postings {
	p := &postings{docs: flatfile.Slice[int32](f, name+"docs")}
	for i := range p.fields {
		of := name + field(i).name() + "/"
		p.fields[i] = fieldPostings{
			list: flatfile.Slice[int32](f, of+"list"), ends: flatfile.Slice[int32](f, of+"ends"),
			numbers: flatfile.Slice[int32](f, of+"numbers"), saturation: flatfile.Slice[float32](f, of+"saturation"),
		}
	}
	return p
}
