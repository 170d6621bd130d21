module osbiz.example/client

go 1.19
