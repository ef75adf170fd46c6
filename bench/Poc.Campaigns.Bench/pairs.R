# The pairs and edges of the same shares with data.table, for a comparison in the same run: an equi-join on the object with a range on the time, instead of all pairs of an object.
suppressMessages(library(data.table))
setDTthreads(1)
x <- fread(commandArgs(TRUE)[1], colClasses = list(character = 1:3))
took <- system.time({
  x <- x[, n := .N, by = account_id][n >= 2]
  x[, `:=`(row = .I, from = timestamp_share - 60, to = timestamp_share + 60)]
  pairs <- x[x, on = .(object_id, timestamp_share >= from, timestamp_share <= to), nomatch = NULL, allow.cartesian = TRUE,
             .(one = x.row, other = i.row, a = x.account_id, b = i.account_id, c = x.content_id, d = i.content_id, object_id)][one < other & a != b & c != d & object_id != c & object_id != d]
  edges <- pairs[, .(weight = .N), by = .(from = pmin(a, b), to = pmax(a, b))]
})
cat(nrow(pairs), nrow(edges), sprintf("%.0f", 1000 * (took[["user.self"]] + took[["sys.self"]])), "\n")
