package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"runtime"
	"sync"
	"testing"
	"time"
)

// BenchmarkPutLargest keeps the largest pictures that are taken, six at a time. peak-MB is the heap's,
// the pictures as sent included.
func BenchmarkPutLargest(b *testing.B) {
	whole := asJPEG(b, image.NewYCbCr(image.Rect(0, 0, 8000, 5000), image.YCbCrSubsampleRatio420))
	pictures := [][]byte{whole, withEXIF(whole, exif(binary.LittleEndian, 6)), asPNG(b, image.NewRGBA(image.Rect(0, 0, 8000, 5000)))}
	s := newStore(b)
	runtime.GC()
	peak, stop := uint64(0), make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapInuse)
			}
		}
	})
	for b.Loop() {
		var puts sync.WaitGroup
		for i := range 6 {
			puts.Go(func() {
				if _, err := s.Put(b.Context(), bytes.NewReader(pictures[i%len(pictures)])); err != nil {
					b.Error(err)
				}
			})
		}
		puts.Wait()
	}
	close(stop)
	watch.Wait()
	b.ReportMetric(float64(peak>>20), "peak-MB")
}

// BenchmarkPut keeps a telephone's picture of 12 megapixels.
func BenchmarkPut(b *testing.B) {
	picture := asJPEG(b, image.NewYCbCr(image.Rect(0, 0, 4000, 3000), image.YCbCrSubsampleRatio420))
	s := newStore(b)
	for b.Loop() {
		info, err := s.Put(b.Context(), bytes.NewReader(picture))
		if err == nil {
			err = s.Delete(info.ID)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
