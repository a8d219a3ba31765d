" Writes the group of each place of the file NSL_PLACES to the file NSL_OUT: a place is
" a file, a line and a column, with tabs between them.
set nomodeline noswapfile
execute 'set runtimepath^=' . $NSL_EDITORS . '/vim'
filetype plugin on
syntax on
let s:groups = []
let s:file = ''
for s:place in readfile($NSL_PLACES)
  let [s:next, s:line, s:column] = split(s:place, "\t")
  if s:next !=# s:file
    let s:file = s:next
    execute 'edit' fnameescape(s:file)
  endif
  call add(s:groups, synIDattr(synID(str2nr(s:line), str2nr(s:column), 1), 'name'))
endfor
call writefile(s:groups, $NSL_OUT)
qall!
