#[derive(Default)]
pub struct Plans;
