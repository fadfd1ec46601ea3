package objectstore

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// tail is what a Folder keeps of an object behind its bytes: JSON, the length of that in two bytes, and a mark.
// Programs that show pictures and pages do not mind bytes behind the end, so the files can still be looked at.
type tail struct {
	ContentType string `json:"contentType"`
	ETag        string `json:"etag"`
}

const (
	tailMark = "lectern1"
	tailEnd  = 2 + len(tailMark)
	tailMax  = 4096 // bytes of JSON
)

func writeTail(file *os.File, t tail) error {
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	if len(b) > tailMax {
		return fmt.Errorf("the content type has %d characters, which cannot be one", len(t.ContentType))
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(b)))
	_, err = file.Write(append(b, tailMark...))
	return err
}

func readTail(file *os.File) (Info, error) {
	stat, err := file.Stat()
	if err != nil {
		return Info{}, err
	}
	errForeign := errors.New("the file was not written by this store, or was cut short since")
	end := make([]byte, tailEnd)
	size := stat.Size() - int64(tailEnd)
	if size < 0 || !stat.Mode().IsRegular() {
		return Info{}, errForeign
	}
	if _, err := file.ReadAt(end, size); err != nil {
		return Info{}, err
	}
	length := binary.BigEndian.Uint16(end)
	size -= int64(length)
	if string(end[2:]) != tailMark || length > tailMax || size < 0 {
		return Info{}, errForeign
	}
	b := make([]byte, length)
	if _, err := file.ReadAt(b, size); err != nil {
		return Info{}, err
	}
	var t tail
	if err := json.Unmarshal(b, &t); err != nil {
		return Info{}, errForeign
	}
	return Info{Size: size, ContentType: t.ContentType, ETag: t.ETag, LastModified: stat.ModTime()}, nil
}
