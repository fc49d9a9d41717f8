// Command tiny gets the URL that is its argument.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
)

func main() {
	if len(os.Args) < 2 {
		wait()
		return
	}
	if err := get(os.Args[1]); err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
	fmt.Println("sent")
}

func get(url string) error {
	resp, err := (&http.Client{Transport: &http.Transport{}}).Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// wait waits for an interrupt.
func wait() {
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	fmt.Println("ready")
	<-interrupt
	fmt.Println("interrupted")
}
