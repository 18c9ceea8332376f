package desk

import "slices"

// Roles lists the roles, least first.
func Roles() []Role { return []Role{RoleViewer, RoleAgent, RoleEditor, RoleAdmin} }

// AtLeast tells whether r may do what least may. An unknown role may do nothing.
func (r Role) AtLeast(least Role) bool {
	rank := slices.Index(Roles(), r)
	return rank >= 0 && rank >= slices.Index(Roles(), least)
}

// need refuses whoever may not do what least may.
func need(by Agent, least Role) error {
	switch {
	case by.Name == "" || !by.Role.AtLeast(RoleViewer):
		return forbidden("请先用有效的密钥登录。")
	case !by.Role.AtLeast(least):
		return forbidden("您的密钥只能查看；要处理工单，请管理员换一把客服密钥。")
	}
	return nil
}
