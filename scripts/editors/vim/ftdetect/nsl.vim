" Scripts of nsl by their name, or by their first line.
autocmd BufRead,BufNewFile *.nsl setfiletype nsl
autocmd BufRead * if getline(1) =~# '^#!.*\<nsl\>' | setfiletype nsl | endif
