package desk

import "slices"

// Role is what an agent may do; each may do what those before it may.
type Role string

// The closed set of roles.
const (
	RoleViewer Role = "viewer" // read tickets, conversations and the guide
	RoleAgent  Role = "agent"  // claim, reply, note, transfer, close; see a contact
	RoleEditor Role = "editor" // change the guide
	RoleAdmin  Role = "admin"  // keys; act on tickets that others hold
)

// Agent is who acts at the desk.
type Agent struct {
	Name string `json:"name"` // unique
	Role Role   `json:"role"`
}

// Roles lists the roles, least first.
func Roles() []Role { return []Role{RoleViewer, RoleAgent, RoleEditor, RoleAdmin} }

// AtLeast tells whether r may do what least may. An unknown role may do nothing.
func (r Role) AtLeast(least Role) bool {
	rank := slices.Index(Roles(), r)
	return rank >= 0 && rank >= slices.Index(Roles(), least)
}

// requireRole refuses whoever may not do what least may.
func requireRole(by Agent, least Role) error {
	switch {
	case by.Name == "" || !by.Role.AtLeast(RoleViewer):
		return forbidden("请先用有效的密钥登录。")
	case !by.Role.AtLeast(least):
		return forbidden("您的密钥只能查看；要处理工单，请管理员换一把客服密钥。")
	}
	return nil
}
