#!/bin/sh
# Makes the certificates of the tests: an authority, what it has signed (a server of this machine, one of
# another name, a client), and a server that signed itself. They are valid for a hundred years.
# They are in the repository, so that no test depends on when it runs; they protect nothing.
set -eu
cd "$(dirname "$0")"
days=36500
key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1.key"; }
signed() {
  key "$1"
  printf 'basicConstraints=CA:FALSE\n%s\n' "$3" > extensions
  openssl req -new -key "$1.key" -subj "/O=uvio/CN=$2" |
    openssl x509 -req -CA authority.pem -CAkey authority.key -CAcreateserial -days $days -extfile extensions -out "$1.pem"
}
key authority
openssl req -x509 -new -key authority.key -days $days -subj '/O=uvio/CN=authority' \
  -addext 'keyUsage=critical,keyCertSign,cRLSign' -out authority.pem
signed server localhost 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'
signed other other.example 'subjectAltName=DNS:other.example'
signed client 'a client' 'extendedKeyUsage=clientAuth'
key lonely
openssl req -x509 -new -key lonely.key -days $days -subj '/O=uvio/CN=localhost' \
  -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -out lonely.pem
rm -f extensions authority.srl authority.key
