"""The drop folder: scan, take, move, reject and report files that senders leave there."""
