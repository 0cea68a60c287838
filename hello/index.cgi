#!/usr/bin/busybox sh
# busybox httpd runs this for the path /. The pod's host name is the pod's name; NODE comes from hello.yaml.
# Nothing of the request is written back.
echo 'Content-Type: text/plain; charset=utf-8'
echo
echo "Hello from the pod $(/usr/bin/busybox hostname) on the node ${NODE:-that nobody named}."
