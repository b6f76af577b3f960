curl http://h.test/plain
curl http://h.test
curl http://h.test?a=b
curl 'http://h.test/a/../b/./c'
curl --path-as-is 'http://h.test/a/../b/./c'
curl 'http://h.test/p?x=1&y=2#fragment'
curl -g 'http://h.test/g?a=[1]&b={2}'
curl 'http://h.test/g?a=\[1\]&b=\{2\}'
curl 'http://h.test/sp%20ace?q=%41%zz'
curl http://user:pa%40ss@h.test/auth
curl -u me:pw http://h.test/auth
curl --user 'me:p w' http://h.test/auth
curl --basic -u me:pw http://h.test/auth
curl --oauth2-bearer token123 http://h.test/bearer
curl -d a=1 http://h.test/d
curl -d a=1 -d b=2 http://h.test/d
curl -d 'a=1 2&c' http://h.test/d
curl -da=1 http://h.test/d
curl --data '{"a":1}' -H 'Content-Type: application/json' http://h.test/d
curl --data-raw '@not-a-file' http://h.test/d
curl --data-ascii x http://h.test/d
curl --data-binary $'a\nb\r\nc' http://h.test/d
curl --data-binary '' http://h.test/d
curl -d '' http://h.test/d
curl --data-urlencode 'a=b c&d' http://h.test/d
curl --data-urlencode '=b c&d' http://h.test/d
curl --data-urlencode 'b c' http://h.test/d
curl --data-urlencode 'é=ü' http://h.test/d
curl --data-urlencode 'a=1' -d b=2 --data-raw c=3 http://h.test/d
curl -G -d a=1 -d b=2 http://h.test/get
curl -G --data-urlencode 'q=a b' 'http://h.test/get?z=1'
curl --get -d a=1 http://h.test/get
curl --url-query a=1 http://h.test/q
curl --url-query 'a=1 2' --url-query '+b=%20' 'http://h.test/q?z=1'
curl --url-query a=1 -d body=1 http://h.test/q
curl --json '{"a":1}' http://h.test/j
curl --json '{"a":1' --json ',"b":2}' http://h.test/j
curl --json '{}' -H 'Content-Type: application/vnd.api+json' http://h.test/j
curl --json '{}' -H 'Accept: text/plain' http://h.test/j
curl -X PUT -d a=1 http://h.test/x
curl -XPATCH -d a=1 http://h.test/x
curl --request DELETE http://h.test/x
curl -X POST http://h.test/x
curl -X GET -d a=1 http://h.test/x
curl -X purge http://h.test/x
curl -I http://h.test/head
curl --head http://h.test/head
curl -X OPTIONS http://h.test/o
curl -H 'X-A: b' http://h.test/h
curl -H 'X-A:b' -H 'X-A:  c  ' http://h.test/h
curl -H 'X-Empty;' http://h.test/h
curl -H 'X-None:' http://h.test/h
curl -H 'no header' http://h.test/h
curl -H 'User-Agent: own' http://h.test/h
curl -A own http://h.test/h
curl -A '' http://h.test/h
curl -A one -H 'User-Agent: two' http://h.test/h
curl -H 'Accept:' http://h.test/h
curl -H 'Host: other.test' http://h.test/h
curl -H 'Content-Type: text/plain' -d a http://h.test/h
curl -H 'Content-Type:' -d a http://h.test/h
curl -H 'Authorization: Bearer x' -u me:pw http://h.test/h
curl -e http://from.test/ http://h.test/h
curl --referer 'http://from.test/;auto' http://h.test/h
curl -b 'a=1; b=2' http://h.test/c
curl -b a=1 -b b=2 http://h.test/c
curl --cookie 'a=1' -H 'Cookie: b=2' http://h.test/c
curl -r 0-99 http://h.test/r
curl --request-target '/other?x' http://h.test/t
curl -F a=b http://h.test/f
curl -F a=b -F 'c=d e' http://h.test/f
curl -F 'a=b;type=text/plain' http://h.test/f
curl -F 'a="b;c"' http://h.test/f
curl -F 'a="b\"c"' http://h.test/f
curl -F 'a=b;c' http://h.test/f
curl --form-string 'a=@b;type=x' http://h.test/f
curl -F 'a={"x":1};type=application/json' http://h.test/f
curl -F 'a=b;filename=f.txt' http://h.test/f
curl -F 'é=ü' http://h.test/f
curl -X PUT -F a=b http://h.test/f
curl http://h.test/one http://h.test/two
curl -d a=1 http://h.test/one --next http://h.test/two
curl -H 'X-A: 1' -d a http://h.test/one -: -X PUT -d b http://h.test/two
curl --url http://h.test/u
curl -sSLkig http://h.test/s
curl -s -S -L -k --compressed-ssh --tcp-nodelay http://h.test/s
curl --silent --show-error --location --insecure --fail http://h.test/s
curl --max-time 5 --connect-timeout 3 --retry 0 http://h.test/s
curl -m5 -w '' http://h.test/s
curl --no-keepalive --no-buffer --no-sessionid http://h.test/s
curl --http1.1 --ipv4 --noproxy '*' http://h.test/s
curl --ssl-no-revoke --tlsv1.2 http://h.test/s
curl --sil --show-e --insec http://h.test/s
curl --data-u 'a=b c' http://h.test/s
curl --user-a own --refer http://from.test/ http://h.test/s2
curl -H "X-Double: a \"b\" \\ \`c\`" -d "{\"a\":\"b c\"}" http://h.test/q
curl -H $'X-Ansi: it\'s \x41\u00e9' -d $'{"a":"it\'s \\u0021"}' http://h.test/q
curl -d 'it'\''s' http://h.test/q
curl -d "line one
line two" http://h.test/q
curl http://h.test/q \
  -H 'A: b' \
  --data-raw '{"a":1}' \
  --compressed
curl -d @- http://h.test/q <<< 'from a string'
curl --data-binary @- http://h.test/q <<'END'
{"a":
1}
END
printf '{"a":1}' | curl -d @- http://h.test/q
echo '{"a":1}' | curl --data-binary @- http://h.test/q
curl -d é http://h.test/ü?q=ö
curl -HX-A:b -d1 http://h.test/q
