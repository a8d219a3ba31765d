-- Drives nsl lsp in Neovim, as a person would, and writes what came of it, a line each.
local out = io.open(os.getenv("NSL_OUT"), "w")
local function log(what, text)
  out:write(what .. ": " .. tostring(text):gsub("\n", "|") .. "\n")
  out:flush()
end
local function buffer() return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n") end
local function wait(what, f)
  if not vim.wait(60000, f, 20) then log(what, "did not happen") end
end
local id
local function request(method, line, column, more)
  vim.api.nvim_win_set_cursor(0, { line, column })
  local params = vim.lsp.util.make_position_params()
  for k, v in pairs(more or {}) do params[k] = v end
  local answers = vim.lsp.buf_request_sync(0, method, params, 60000)
  local answer = answers and answers[id] or {}
  if answer.err then log(method, answer.err.message) end
  return answer.result
end

vim.cmd("edit " .. os.getenv("NSL_SCRIPT"))
id = vim.lsp.start_client({ name = "nsl", cmd = { os.getenv("NSL_BINARY"), "lsp" }, root_dir = vim.fn.getcwd() })
vim.lsp.buf_attach_client(0, id)
wait("diagnostics", function() return #vim.diagnostic.get(0) > 0 end)
for _, d in ipairs(vim.diagnostic.get(0)) do log("diagnostic", d.lnum + 1 .. " " .. d.code .. " " .. d.message) end

local last = { line = 9, character = 0 }
for _, action in ipairs(request("textDocument/codeAction", 2, 0, { range = { start = { line = 0, character = 0 }, ["end"] = last }, context = { diagnostics = {} } })) do
  log("action", action.title)
  vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
end
log("after the action", buffer())
wait("no diagnostics", function() return #vim.diagnostic.get(0) == 0 end)

log("hover", request("textDocument/hover", 2, 1).contents.value)
log("definition", request("textDocument/definition", 2, 6)[1].range.start.line + 1)
vim.lsp.util.apply_workspace_edit(request("textDocument/rename", 2, 6, { newName = "green" }), "utf-16")
log("after the rename", buffer())
vim.api.nvim_buf_set_lines(0, -1, -1, false, { "up  gr" })
local labels = {}
for _, item in ipairs(request("textDocument/completion", 4, 6)) do table.insert(labels, item.label) end
log("completion", table.concat(labels, " "))
vim.lsp.util.apply_text_edits(request("textDocument/formatting", 1, 0, { options = { tabSize = 2, insertSpaces = true } }), 0, "utf-16")
log("formatted", buffer())
vim.cmd("qa!")
