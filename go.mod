module pcaplain

go 1.26
