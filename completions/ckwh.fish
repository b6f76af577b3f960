complete --keep-order --exclusive --command ckwh --arguments "(CKWH_COMPLETE=fish ckwh -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
