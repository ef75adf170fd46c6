// Reads a log over HTTP with Go's own packages for signed notes and transparent logs: read URL VKEY TOKEN OLDER-SIZE…
// Every tile that a proof touches is checked against the signed tree; the program ends with an error at the first contradiction.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type web struct{ url, token string }

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (w web) get(path string) []byte {
	request, err := http.NewRequest("GET", w.url+"/"+path, nil)
	must(err)
	request.Header.Set("Authorization", "Bearer "+w.token)
	answer, err := http.DefaultClient.Do(request)
	must(err)
	defer answer.Body.Close()
	if answer.StatusCode != 200 {
		panic(path + ": " + answer.Status)
	}

	body, err := io.ReadAll(answer.Body)
	must(err)
	return body
}

// Go writes the height of tiles into their paths; with C2SP it is always 8 and left out.
func (w web) Height() int { return 8 }

func (w web) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		found = append(found, w.get(strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
	}

	return found, nil
}

func (w web) SaveTiles([]tlog.Tile, [][]byte) {}

func main() {
	source := web{os.Args[1], os.Args[3]}
	verifier, err := note.NewVerifier(os.Args[2])
	must(err)
	opened, err := note.Open(source.get("checkpoint"), note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	hash, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], hash)

	hashes := tlog.TileHashReader(tree, source)
	root, err := tlog.TreeHash(size, hashes)
	must(err)
	if root != tree.Hash {
		panic("the tiles have another root than the checkpoint")
	}

	for _, index := range []int64{0, size / 2, size - 1} {
		proof, err := tlog.ProveRecord(size, index, hashes)
		must(err)
		must(tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(source.entry(index, size))))
	}

	for _, argument := range os.Args[4:] {
		older, err := strconv.ParseInt(argument, 10, 64)
		must(err)
		first, err := tlog.TreeHash(older, hashes)
		must(err)
		proof, err := tlog.ProveTree(size, older, hashes)
		must(err)
		must(tlog.CheckTree(proof, size, root, older, first))
	}

	fmt.Printf("%d %s\n", size, root)
}

// An entry out of its bundle.
func (w web) entry(index, size int64) []byte {
	width := int64(256)
	if size-index/256*256 < width {
		width = size - index/256*256
	}

	path := tlog.Tile{H: 8, L: 0, N: index / 256, W: int(width)}.Path()
	bundle := bytes.NewReader(w.get(strings.Replace(path, "tile/8/0/", "tile/entries/", 1)))
	for at := index / 256 * 256; ; at++ {
		var length uint16
		must(binary.Read(bundle, binary.BigEndian, &length))
		entry := make([]byte, length)
		_, err := io.ReadFull(bundle, entry)
		must(err)
		if at == index {
			return entry
		}
	}
}
