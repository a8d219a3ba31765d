;; Writes the face of each place of the file NSL_PLACES to the file NSL_OUT: a place is a file,
;; a line and a column, with tabs between them.
(load (concat (getenv "NSL_EDITORS") "/emacs/nsl-mode.el"))
(setq coding-system-for-read 'utf-8)
(with-temp-file (getenv "NSL_OUT")
  (let ((out (current-buffer)) (name ""))
    (dolist (place (with-temp-buffer
                     (insert-file-contents (getenv "NSL_PLACES"))
                     (split-string (buffer-string) "\n" t)))
      (let ((parts (split-string place "\t")))
        (unless (string= name (car parts))
          (setq name (car parts))
          (set-buffer (get-buffer-create "script"))
          (erase-buffer)
          (insert-file-contents name)
          (nsl-mode)
          (font-lock-ensure))
        (with-current-buffer "script"
          (goto-char (point-min))
          (forward-line (1- (string-to-number (nth 1 parts))))
          (let* ((at (byte-to-position (+ (position-bytes (point)) (1- (string-to-number (nth 2 parts))))))
                 (face (get-text-property at 'face)))
            (with-current-buffer out (insert (format "%s\n" (if (consp face) (car face) face))))))))))
