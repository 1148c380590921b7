// Program gateway is the telecom edge of Mlango: USSD over SMPP and HTTP in,
// payments to the ledger, confirmation SMS out.
package main

func main() {}
