package secrets

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
)

const hidden = "[secret]"

// Login is what RDS and RDS-managed secrets hold: {"username": …, "password": …}, other keys ignored.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
type Login struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// String keeps a password out of whatever prints a Login.
func (Login) String() string { return hidden }

// GoString does the same for %#v.
func (Login) GoString() string { return hidden }

// LogValue does the same for slog.
func (Login) LogValue() slog.Value { return slog.StringValue(hidden) }

// DecodeLogin decodes a Login.
func DecodeLogin(text string) (Login, error) {
	var l Login
	if json.Unmarshal([]byte(text), &l) != nil || l.Username == "" || l.Password == "" {
		return Login{}, errors.New(`secret is not {"username": …, "password": …} with both filled in`)
	}
	return l, nil
}

// Keys are the access keys of an S3-compatible store: {"accessKeyId": …, "secretAccessKey": …}.
type Keys struct {
	ID     string `json:"accessKeyId"`
	Secret string `json:"secretAccessKey"`
}

// String keeps keys out of whatever prints them.
func (Keys) String() string { return hidden }

// GoString does the same for %#v.
func (Keys) GoString() string { return hidden }

// LogValue does the same for slog.
func (Keys) LogValue() slog.Value { return slog.StringValue(hidden) }

// DecodeKeys decodes Keys.
func DecodeKeys(text string) (Keys, error) {
	var k Keys
	if json.Unmarshal([]byte(text), &k) != nil || k.ID == "" || k.Secret == "" {
		return Keys{}, errors.New(`secret is not {"accessKeyId": …, "secretAccessKey": …} with both filled in; put the store's keys there`)
	}
	return k, nil
}

// DecodeToken decodes an auth token: the whole text, or the "authToken" or "password" of a JSON object, with "username"
// if the server has users. Username is empty for a plain AUTH token.
func DecodeToken(text string) (Login, error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		if text == "" {
			return Login{}, errors.New("secret is empty; it should be the auth token")
		}
		return Login{Password: text}, nil
	}
	var t struct {
		Username  string `json:"username"`
		Password  string `json:"password"`
		AuthToken string `json:"authToken"`
	}
	if json.Unmarshal([]byte(text), &t) != nil || t.Password == "" && t.AuthToken == "" {
		return Login{}, errors.New(`secret is not {"authToken": …}`)
	}
	if t.AuthToken != "" {
		t.Password = t.AuthToken
	}
	return Login{Username: t.Username, Password: t.Password}, nil
}
