module pcaplain

go 1.26

require github.com/google/gopacket v1.1.19

require github.com/norunners/vert v0.0.0-20221203075838-106a353d42dd // indirect
