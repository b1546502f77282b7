/**
 * A certificate for 127.0.0.1 that nobody has signed but itself, valid from 2020 to 2120, and its key: for servers of tests, and no
 * secret. Made once with openssl: `req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes`, then `ca -selfsign`.
 */
export const SELF_SIGNED = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBhjCCASugAwIBAgIBATAKBggqhkjOPQQDAjAjMSEwHwYDVQQDDBhUcmFuc2Zl
ciBMYWIgdGVzdCBzZXJ2ZXIwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAw
MDBaMCMxITAfBgNVBAMMGFRyYW5zZmVyIExhYiB0ZXN0IHNlcnZlcjBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABLPqNEE+gtJaKBAggHkjMBsccfZz1aEOQCbNvjno
exVbCVXMSUWtUhuWjHoJh5Sp0WwvFg09fuxHjwlElu4M8IujTjBMMA8GA1UdEwEB
/wQFMAMBAf8wGgYDVR0RBBMwEYcEfwAAAYIJbG9jYWxob3N0MB0GA1UdDgQWBBTj
oMiA+G+ut7ik881c54WElplrcTAKBggqhkjOPQQDAgNJADBGAiEAk0t8s+wM1or1
fL7+dNsxyMAkJxCjOR2gUrmE27fynjQCIQDT4cbQr7k4uIbZLNZ5mdK+voD1j7x6
16sgRVDmntMK3g==
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6hPZOJQouySai9v2
J4QSuMQQIXHT9ujddKG4XMdE0lShRANCAASz6jRBPoLSWigQIIB5IzAbHHH2c9Wh
DkAmzb456HsVWwlVzElFrVIblox6CYeUqdFsLxYNPX7sR48JRJbuDPCL
-----END PRIVATE KEY-----
`,
};
