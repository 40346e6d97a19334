// Verifies a ledger's checkpoint, proofs, tiles and entry bundles with the code of Go's checksum database.
//
// Reads one JSON request from standard input and writes one JSON answer; nothing of this repository's
// own tree code takes part. See go_tlog.py for the members of both.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type request struct {
	VerifierKey string            `json:"verifier_key"`
	Note        string            `json:"note"`
	Records     []record          `json:"records"`
	Consistency []consistency     `json:"consistency"`
	Tiles       map[string][]byte `json:"tiles"`
	Bundles     map[string][]byte `json:"bundles"`
}

type record struct {
	Index int64    `json:"index"`
	Line  []byte   `json:"line"`
	Proof [][]byte `json:"proof"`
}

type consistency struct {
	Size  int64    `json:"size"`
	Root  []byte   `json:"root"`
	Proof [][]byte `json:"proof"`
}

type answer struct {
	OK      bool   `json:"ok"`
	At      string `json:"at,omitempty"`
	Error   string `json:"error,omitempty"`
	Name    string `json:"name,omitempty"`
	Size    int64  `json:"size"`
	Root    []byte `json:"root,omitempty"`
	Records int    `json:"records"`
	Proofs  int    `json:"proofs"`
	Entries int64  `json:"entries"`
}

type step struct {
	at  string
	run func() error
}

func main() {
	var asked request
	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()
	found := answer{}
	if err := decoder.Decode(&asked); err != nil {
		found.At, found.Error = "request", err.Error()
	} else {
		verify(asked, &found)
	}
	json.NewEncoder(os.Stdout).Encode(found)
}

func verify(asked request, found *answer) {
	var tree tlog.Tree
	steps := []step{
		{"note", func() (err error) { tree, err = openNote(asked, found); return }},
		{"records", func() error { return checkRecords(asked.Records, tree, found) }},
		{"consistency", func() error { return checkConsistency(asked.Consistency, tree, found) }},
		{"tiles", func() error { return checkTiles(asked, tree, found) }},
	}
	for _, one := range steps {
		if err := one.run(); err != nil {
			found.At, found.Error = one.at, err.Error()
			return
		}
	}
	found.OK = true
}

func openNote(asked request, found *answer) (tlog.Tree, error) {
	var tree tlog.Tree
	verifier, err := note.NewVerifier(asked.VerifierKey)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open([]byte(asked.Note), note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	rows := strings.Split(opened.Text, "\n")
	if len(rows) != 4 || rows[3] != "" || rows[0] != verifier.Name() {
		return tree, errors.New("not a checkpoint of this ledger")
	}
	tree.N, err = strconv.ParseInt(rows[1], 10, 64)
	if err != nil || strconv.FormatInt(tree.N, 10) != rows[1] {
		return tree, errors.New("the size is no number")
	}
	tree.Hash, err = tlog.ParseHash(rows[2])
	found.Name, found.Size, found.Root = rows[0], tree.N, tree.Hash[:]
	return tree, err
}

func hashes(raw [][]byte) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(raw))
	for i, one := range raw {
		if len(one) != tlog.HashSize {
			return nil, fmt.Errorf("hash %d has %d bytes", i, len(one))
		}
		copy(found[i][:], one)
	}
	return found, nil
}

func checkRecords(records []record, tree tlog.Tree, found *answer) error {
	for _, one := range records {
		proof, err := hashes(one.Proof)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, one.Index, tlog.RecordHash(one.Line)); err != nil {
			return fmt.Errorf("record %d: %w", one.Index, err)
		}
		found.Records++
	}
	return nil
}

func checkConsistency(proofs []consistency, tree tlog.Tree, found *answer) error {
	for _, one := range proofs {
		proof, err := hashes(one.Proof)
		if err != nil {
			return err
		}
		root, err := hashes([][]byte{one.Root})
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, one.Size, root[0]); err != nil {
			return fmt.Errorf("from %d: %w", one.Size, err)
		}
		found.Proofs++
	}
	return nil
}

type tileReader map[string][]byte

func (tileReader) Height() int { return height }

func (tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

func (tiles tileReader) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(wanted))
	for i, tile := range wanted {
		path := pathOf(tile)
		raw, known := tiles[path]
		if !known {
			return nil, fmt.Errorf("no tile %s", path)
		}
		data[i] = raw
	}
	return data, nil
}

// pathOf returns the path that C2SP gives a tile: Go's without the height.
func pathOf(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
}

// checkTiles reads every leaf's hash through Go's authenticating reader and compares it with the bundles' lines.
func checkTiles(asked request, tree tlog.Tree, found *answer) error {
	if asked.Tiles == nil {
		return nil
	}
	reader := tlog.TileHashReader(tree, tileReader(asked.Tiles))
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return errors.New("the tiles lead to another root")
	}
	for number := int64(0); asked.Bundles != nil && number*256 < tree.N; number++ {
		width := tree.N - number*256
		if width > 256 {
			width = 256
		}
		bundle := tlog.Tile{H: height, L: -1, N: number, W: int(width)}
		path := strings.Replace(pathOf(bundle), "tile/data/", "tile/entries/", 1)
		if err := checkBundle(path, asked.Bundles[path], number*256, width, reader, found); err != nil {
			return err
		}
	}
	return nil
}

func checkBundle(path string, raw []byte, first, width int64, reader tlog.HashReader, found *answer) error {
	indexes := make([]int64, width)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
	}
	stored, err := reader.ReadHashes(indexes)
	if err != nil {
		return err
	}
	rest := bytes.NewBuffer(raw)
	for i := range indexes {
		size := rest.Next(2)
		if len(size) < 2 {
			return fmt.Errorf("bundle %s is cut", path)
		}
		line := rest.Next(int(binary.BigEndian.Uint16(size)))
		if tlog.RecordHash(line) != stored[i] {
			at := base64.StdEncoding.EncodeToString(stored[i][:])
			return fmt.Errorf("entry %d does not hash to %s", first+int64(i), at)
		}
		found.Entries++
	}
	if rest.Len() > 0 {
		return fmt.Errorf("bundle %s has bytes too many", path)
	}
	return nil
}
