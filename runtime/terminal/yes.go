package terminal

import "strings"

// Yes reports whether the answer to a question agrees; any other answer does not.
func Yes(answer string) bool {
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}
