// Verifies the tokens of one bench case with golang-jwt: signature, issuer, audience and expiry.
//
// It reads "run <operations>" or "time <operations>" from standard input and answers each with one line of JSON.
package main

import (
	"bufio"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	issuer   = "https://issuer.example"
	audience = "https://api.example"
)

type material struct {
	Alg       string   `json:"alg"`
	Secret    string   `json:"secret"`
	PublicPem string   `json:"publicPem"`
	Tokens    []string `json:"tokens"`
}

// claims is what an application would read.
type claims struct {
	jwt.RegisteredClaims
	ClientID string `json:"client_id"`
	Scope    string `json:"scope"`
}

type verifier struct {
	parser *jwt.Parser
	key    any
	tokens []string
	next   int
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func prepare(m material) *verifier {
	pem := []byte(m.PublicPem)
	var key any
	switch m.Alg {
	case "HS256":
		key = must(base64.RawURLEncoding.DecodeString(m.Secret))
	case "RS256", "PS256":
		key = must(jwt.ParseRSAPublicKeyFromPEM(pem))
	case "ES256":
		key = must(jwt.ParseECPublicKeyFromPEM(pem))
	default:
		key = must[crypto.PublicKey](jwt.ParseEdPublicKeyFromPEM(pem))
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{m.Alg}),
		jwt.WithIssuer(issuer),
		jwt.WithAudience(audience),
		jwt.WithExpirationRequired(),
	)
	return &verifier{parser: parser, key: key, tokens: m.Tokens}
}

func (v *verifier) verifyNext() {
	token := v.tokens[v.next]
	v.next = (v.next + 1) % len(v.tokens)
	read := claims{}
	must(v.parser.ParseWithClaims(token, &read, func(*jwt.Token) (any, error) { return v.key, nil }))
	if read.Issuer != issuer {
		panic("no claims")
	}
}

// cpuMicros is the CPU time of this process in user and system mode, garbage collection included.
func cpuMicros() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	micros := func(t syscall.Timeval) float64 { return float64(t.Sec)*1e6 + float64(t.Usec) }
	return micros(usage.Utime) + micros(usage.Stime)
}

func peakMegabytes() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return float64(usage.Maxrss) / 1024
}

func (v *verifier) run(operations int) map[string]float64 {
	before, began := cpuMicros(), time.Now()
	for range operations {
		v.verifyNext()
	}
	wall := time.Since(began)
	return map[string]float64{
		"operations":    float64(operations),
		"cpuMicros":     cpuMicros() - before,
		"wallMicros":    float64(wall.Nanoseconds()) / 1e3,
		"peakMegabytes": peakMegabytes(),
	}
}

func (v *verifier) timeEach(operations int) map[string]float64 {
	times := make([]float64, operations)
	for index := range times {
		began := time.Now()
		v.verifyNext()
		times[index] = float64(time.Since(began).Nanoseconds()) / 1e3
	}
	slices.Sort(times)
	at := func(share float64) float64 { return times[int(float64(len(times)-1)*share)] }
	return map[string]float64{"p50Micros": at(0.5), "p99Micros": at(0.99)}
}

func main() {
	var chosen struct {
		File string `json:"file"`
	}
	if err := json.Unmarshal([]byte(os.Args[1]), &chosen); err != nil {
		panic(err)
	}
	var m material
	if err := json.Unmarshal(must(os.ReadFile(chosen.File)), &m); err != nil {
		panic(err)
	}
	v := prepare(m)
	fmt.Println(`"ready"`)
	questions := bufio.NewScanner(os.Stdin)
	for questions.Scan() {
		what, count, _ := strings.Cut(questions.Text(), " ")
		operations := must(strconv.Atoi(count))
		answer := v.timeEach
		if what == "run" {
			answer = v.run
		}
		fmt.Println(string(must(json.Marshal(answer(operations)))))
	}
}
