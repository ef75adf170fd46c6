// Writes, with Go's own packages for signed notes and transparent logs, what poc-verify is then asked about: make FOLDER.
package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const size = 300

type storage []tlog.Hash

func (s *storage) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		found = append(found, (*s)[index])
	}
	return found, nil
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func write(folder, name string, value interface{}) {
	text, isText := value.(string)
	if !isText {
		encoded, err := json.Marshal(value)
		must(err)
		text = string(encoded)
	}
	must(os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644))
}

func main() {
	folder := os.Args[1]
	var hashes storage
	for i := int64(0); i < size; i++ {
		added, err := tlog.StoredHashes(i, []byte(fmt.Sprintf("entry %d", i)), &hashes)
		must(err)
		hashes = append(hashes, added...)
	}

	root, err := tlog.TreeHash(size, &hashes)
	must(err)
	for _, index := range []int64{0, 1, 127, 255, 256, 299} {
		proof, err := tlog.ProveRecord(size, index, &hashes)
		must(err)
		leaf := tlog.RecordHash([]byte(fmt.Sprintf("entry %d", index)))
		write(folder, fmt.Sprintf("inclusion-%d.json", index), map[string]interface{}{
			"leaf_hash": leaf.String(), "index": index, "size": size, "root": root.String(), "proof": texts(proof)})
	}

	for _, first := range []int64{1, 2, 255, 256, 257, 300} {
		proof, err := tlog.ProveTree(size, first, &hashes)
		must(err)
		firstRoot, err := tlog.TreeHash(first, &hashes)
		must(err)
		write(folder, fmt.Sprintf("consistency-%d.json", first), map[string]interface{}{
			"first_size": first, "second_size": size, "first_root": firstRoot.String(), "second_root": root.String(), "proof": texts(proof)})
	}

	var signers []note.Signer
	for _, name := range []string{"log.example/go", "other.example"} {
		private, public, err := note.GenerateKey(rand.Reader, name)
		must(err)
		signer, err := note.NewSigner(private)
		must(err)
		signers = append(signers, signer)
		write(folder, fmt.Sprintf("key-%d", len(signers)), public)
	}

	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("log.example/go\n%d\n%s\n", size, root)}, signers...)
	must(err)
	write(folder, "note", string(signed))
}

func texts(hashes []tlog.Hash) []string {
	all := []string{}
	for _, hash := range hashes {
		all = append(all, hash.String())
	}
	return all
}
