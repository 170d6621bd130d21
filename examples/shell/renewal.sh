#!/usr/bin/env bash
# curl against a box whose certificate changes. Ends with 0 when all went as it should.
set -euo pipefail

folder=$(mktemp -d)
osbiz run --ephemeral --trusted --no-booster --restart-time 0 --portal-port 0 --wsi-port 0 \
    --wsi-http-port 0 --control-port 0 --ready-file "$folder/ready.json" >/dev/null &
box=$!
trap 'kill $box; wait $box; rm -r "$folder"' EXIT
until [ -f "$folder/ready.json" ]; do sleep 0.1; done
export OSBIZ_READY_FILE=$folder/ready.json

osbiz trust env --file "$folder/ca.pem" >"$folder/env.sh"
# shellcheck source=/dev/null
. "$folder/env.sh"

wsi=$(sed 's/.*"wsi": "\([^"]*\)".*/\1/' "$OSBIZ_READY_FILE")
log_in() { curl -sS "$wsi/cgi-bin/gadgetapi?cmd=Login&gsUser=100&gsPass=100-1234"; }

echo "The client trusts the box's authority:"
log_in && echo

echo "The box gets another address, and makes itself a certificate that nobody trusts:"
control=$(sed 's/.*"control": "\([^"]*\)".*/\1/' "$OSBIZ_READY_FILE")
token=$(sed 's/.*"token": "\([^"]*\)".*/\1/' "$OSBIZ_READY_FILE")
curl -sS -o /dev/null -X PATCH -H "Authorization: Bearer $token" -d '{"lan_ip": "127.0.0.51"}' "$control/v1/box"
wsi=https://127.0.0.51:${wsi##*:}
if log_in; then
    echo "curl accepted it"
    exit 1
fi

echo "With a certificate of the old authority for the new address, it goes on:"
osbiz trust make >/dev/null
log_in && echo
