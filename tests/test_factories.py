from tests.factories import CategoryFactory, MediaFactory, UserFactory


def test_every_factory_makes_a_row_of_the_active_tenant(in_aurora):
    parent = CategoryFactory()
    made = [UserFactory(), CategoryFactory(parent=parent), MediaFactory()]

    assert {row.tenant_id for row in made} == {in_aurora.pk}
    assert made[0].display_name.startswith("Pessoa")
    assert made[1].level == 1
