package wasmffi_test

import (
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// blurred is the 3x3 box blur of vec.wasm in plain Go: the mean of a pixel and its
// neighbours, as far as there are any, rounded to nearest.
func blurred(img []uint8, h, w, c int) []uint8 {
	out := make([]uint8, len(img))
	for y := range h {
		for x := range w {
			for k := range c {
				sum, count := 0, 0
				for v := max(y-1, 0); v <= min(y+1, h-1); v++ {
					for u := max(x-1, 0); u <= min(x+1, w-1); u++ {
						sum += int(img[(v*w+u)*c+k])
						count++
					}
				}
				out[(y*w+x)*c+k] = uint8((sum + count/2) / count)
			}
		}
	}
	return out
}

// photo is a picture of the Go distribution.
func photo(t *testing.T) image.Image {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	f, err := os.Open(filepath.Join(strings.TrimSpace(string(root)), "src", "image", "testdata", "video-001.png"))
	if err != nil {
		t.Skipf("no photo: this Go distribution comes without its test data: %v", err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	require.NoError(t, err)
	return img
}

// pixels is a picture in 3 or 4 bytes a pixel.
func pixels(img image.Image, c int) (data []uint8, h, w int) {
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, a := img.At(x, y).RGBA()
			px := []uint8{uint8(r >> 8), uint8(g >> 8), uint8(bl >> 8), uint8(a >> 8)}
			data = append(data, px[:c]...)
		}
	}
	return data, b.Dy(), b.Dx()
}

const blurSig = "blur(img: inout u8[h,w,c], h: size, w: size, c: size) -> i32 ok(0)"

func TestPhotoBlur(t *testing.T) {
	img := photo(t)
	lib := open(t, wasm.Vec)
	blur := bind(t, lib, blurSig)
	for _, c := range []int{3, 4} {
		data, h, w := pixels(img, c)
		require.Equal(t, 150*103*c, len(data)) // the size of the picture
		want := blurred(data, h, w, c)

		resident := array(t, lib, data, h, w, c)
		call(t, blur, resident)
		require.Equal(t, want, values[uint8](t, resident))

		call(t, blur, goArray(t, data, h, w, c))
		require.Equal(t, want, data)
	}
}

// A part of a picture has gaps between its rows. Go memory with gaps is copied in and out of
// the guest, and the gaps stay as they are; guest memory with gaps is refused, because
// nothing is copied there without being asked for.
func TestPhotoBlurPart(t *testing.T) {
	img := photo(t)
	lib := open(t, wasm.Vec)
	blur := bind(t, lib, blurSig)
	for _, c := range []int{3, 4} {
		data, h, w := pixels(img, c)
		const top, left, height, width = 11, 23, 61, 47
		var part []uint8
		for y := range height {
			at := ((top+y)*w + left) * c
			part = append(part, data[at:at+width*c]...)
		}
		want := append([]uint8{}, data...)
		for y, soft := 0, blurred(part, height, width, c); y < height; y++ {
			copy(want[((top+y)*w+left)*c:], soft[y*width*c:(y+1)*width*c])
		}

		resident := array(t, lib, data, h, w, c)
		inside := must(must(resident.Sub(0, top, top+height, 1)).Sub(1, left, left+width, 1))
		_, err := blur.Call(bg, inside)
		require.ErrorIs(t, err, memview.ErrLayout)
		require.Equal(t, data, values[uint8](t, resident))

		view, err := memview.FromStrided(data[(top*w+left)*c:], []int{height, width, c}, []int{w * c, c, 1})
		require.NoError(t, err)
		call(t, blur, view)
		require.Equal(t, want, data)
	}
}

// image.RGBA has a stride of its own, and a sub-image shares its pixels.
func TestPhotoBlurSubImage(t *testing.T) {
	img := photo(t)
	lib := open(t, wasm.Vec)
	blur := bind(t, lib, blurSig)
	data, h, w := pixels(img, 4)
	rgba := &image.RGBA{Pix: data, Stride: 4 * w, Rect: image.Rect(0, 0, w, h)}
	sub := rgba.SubImage(image.Rect(10, 20, 60, 90)).(*image.RGBA)
	before, _, _ := pixels(sub, 4)
	view, err := memview.FromStrided(sub.Pix, []int{sub.Rect.Dy(), sub.Rect.Dx(), 4}, []int{sub.Stride, 4, 1})
	require.NoError(t, err)
	call(t, blur, view)
	after, _, _ := pixels(sub, 4)
	require.Equal(t, blurred(before, 70, 50, 4), after)
}

func TestPhotoHistogram(t *testing.T) {
	img := photo(t)
	lib := open(t, wasm.Vec)
	histogram := bind(t, lib, "histogram(x: u8[n], n: size, bins: out u32[256])")
	for _, c := range []int{3, 4} {
		data, h, w := pixels(img, c)
		all := goArray(t, data, h, w, c)
		for k := range c { // one channel: a view with gaps in Go memory, a copy in the guest
			want := make([]uint32, 256)
			for i := k; i < len(data); i += c {
				want[data[i]]++
			}
			channel := must(must(all.Reshape(h*w, c)).Drop(1, k))
			got, err := wasmffi.Take[uint32](call(t, histogram, channel), "bins")
			require.NoError(t, err)
			require.Equal(t, want, got)

			got, err = wasmffi.Take[uint32](call(t, histogram, array(t, lib, channel)), "bins")
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
}
